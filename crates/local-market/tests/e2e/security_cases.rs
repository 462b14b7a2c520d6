//! The security cases SEC-01 to SEC-76 of the design: which test attacks the market in that way, or why none can yet.
//!
//! Kept true by the test below: every case is here once, and every test that is named exists.

use std::path::Path;

/// Case, file, tests.
const TESTED: &[(u8, &str, &[&str])] = &[
    (1, "e2e/access_matrix.rs", &["everybody_may_do_what_the_index_says_and_nothing_else"]),
    (2, "e2e/tokens.rs", &["a_token_is_believed_only_when_all_of_it_is_right"]),
    (2, "e2e/forged_tokens.rs", &["what_everybody_knows_is_no_secret_to_sign_with"]),
    (3, "e2e/forged_tokens.rs", &["what_everybody_knows_is_no_secret_to_sign_with"]),
    (4, "e2e/tokens.rs", &["a_token_is_believed_only_when_all_of_it_is_right"]),
    (4, "gateway/src/session/claims.rs", &["five_seconds_of_skew_and_no_more"]),
    (5, "e2e/tokens.rs", &["a_token_is_believed_only_when_all_of_it_is_right"]),
    (5, "gateway/src/session/claims.rs", &["with_no_party_configured_every_party_is_refused"]),
    (6, "e2e/tokens.rs", &["a_token_is_believed_only_when_all_of_it_is_right"]),
    (6, "gateway/src/session/claims.rs", &["every_other_claim_is_refused", "a_claim_said_twice_is_refused"]),
    (7, "gateway/src/session/self_test.rs", &["passes"]),
    (8, "e2e/tokens.rs", &["a_token_is_believed_only_when_all_of_it_is_right"]),
    (8, "gateway/tests/it/sessions.rs", &["a_header_that_names_keys_elsewhere_fetches_nothing_there"]),
    (9, "e2e/forged_tokens.rs", &["a_flood_of_unknown_keys_costs_one_fetch_and_nobody_a_wait"]),
    (10, "e2e/tokens.rs", &["keys_are_rotated_and_fetched_sparingly", "known_keys_stay_good_while_clerk_fails"]),
    (10, "gateway/tests/it/sessions.rs", &["a_rotated_key_is_fetched_and_a_removed_one_is_dead"]),
    (10, "gateway/tests/it/sessions.rs", &["keys_are_not_good_for_ever_without_clerk"]),
    (11, "e2e/tokens.rs", &["accounts_that_are_gone_or_switched_off_are_refused_within_seconds"]),
    (11, "faults/two_gateways.rs", &["changed_callers_are_known_at_both_gateways_within_five_seconds"]),
    (12, "e2e/tokens.rs", &["a_token_comes_in_one_header_and_in_one_form"]),
    (13, "e2e/access_matrix.rs", &["everybody_may_do_what_the_index_says_and_nothing_else"]),
    (13, "e2e/orders.rs", &["an_order_is_read_by_its_parties_alone"]),
    (14, "e2e/access_matrix.rs", &["everybody_may_do_what_the_index_says_and_nothing_else"]),
    (14, "e2e/products_write.rs", &["only_the_owner_and_admins_change_a_product"]),
    (15, "e2e/orders.rs", &["an_order_is_read_by_its_parties_alone"]),
    (16, "e2e/access_matrix.rs", &["everybody_may_do_what_the_index_says_and_nothing_else"]),
    (19, "e2e/images_views.rs", &["single_images_are_moved_and_removed"]),
    (20, "e2e/leftovers.rs", &["what_is_deleted_is_gone_for_everybody_in_every_way"]),
    (21, "e2e/leftovers.rs", &["what_is_refused_leaves_nothing_anywhere"]),
    (22, "e2e/mass_assignment.rs", &["no_body_takes_what_is_the_servers"]),
    (23, "e2e/requests.rs", &["a_path_is_exact_and_has_its_methods"]),
    (24, "e2e/mass_assignment.rs", &["no_body_takes_what_is_the_servers"]),
    (25, "e2e/checkout.rs", &["fields_of_a_checkout_are_checked", "refusals_come_in_their_order_and_take_nothing"]),
    (25, "e2e/products_write.rs", &["what_is_not_right_is_refused_and_named"]),
    (26, "e2e/requests.rs", &["a_body_is_an_object_of_json_and_nothing_else"]),
    (26, "e2e/accounts.rs", &["a_profile_takes_only_what_the_contract_names"]),
    (27, "e2e/products_search.rs", &["no_sign_means_anything_special"]),
    (27, "e2e/requests.rs", &["nothing_tells_of_the_inside"]),
    (28, "e2e/products_write.rs", &["every_field_is_stored_and_shown"]),
    (28, "e2e/system.rs", &["every_answer_carries_the_headers_of_the_contract"]),
    (29, "e2e/requests.rs", &["what_asks_for_too_much_is_refused_at_once"]),
    (30, "e2e/status.rs", &["every_pair_of_states_goes_by_the_table", "parties_cancel_until_the_seller_works_on_it"]),
    (30, "e2e/checkout.rs", &["fields_of_a_checkout_are_checked"]),
    (31, "e2e/tracking.rs", &["every_miss_looks_the_same"]),
    (32, "e2e/tracking.rs", &["five_misses_close_a_phone_a_number_and_an_address"]),
    (33, "e2e/tracking.rs", &["every_miss_looks_the_same"]),
    (34, "e2e/orders.rs", &["a_guest_reads_with_the_checkouts_token"]),
    (35, "e2e/tracking.rs", &["number_and_phone_together_show_where_a_parcel_is"]),
    (36, "e2e/leftovers.rs", &["an_account_with_a_guests_phone_and_address_does_not_get_its_orders"]),
    (37, "e2e/keys.rs", &["a_key_makes_parallel_and_repeated_checkouts_one"]),
    (38, "e2e/keys.rs", &["a_key_belongs_to_whoever_used_it"]),
    (39, "e2e/keys.rs", &["a_key_belongs_to_whoever_used_it"]),
    (40, "e2e/rate_limits.rs", &["an_address_has_sixty_places"]),
    (40, "faults/two_gateways.rs", &["two_gateways_count_together"]),
    (40, "faults/degraded_servers.rs", &["two_gateways_limit_with_redis_up_dead_and_hung"]),
    (41, "e2e/slow_clients.rs", &["a_crowd_of_silent_senders_is_let_go_and_disturbs_nobody"]),
    (41, "e2e/slow_clients.rs", &["a_trickle_is_cut_off", "who_never_reads_is_let_go"]),
    (42, "e2e/framing.rs", &["what_two_readers_may_see_differently_is_refused_and_hung_up_on"]),
    (42, "e2e/framing.rs", &["what_an_operation_does_not_read_is_never_the_next_request"]),
    (43, "e2e/framing.rs", &["nobody_is_talked_into_another_protocol"]),
    (44, "media-files/tests/it/hostile.rs", &["compressed_text_is_never_inflated"]),
    (45, "media-files/tests/it/hostile.rs", &["claims_that_no_pixels_follow_cost_nothing"]),
    (45, "media-files/tests/it/hostile.rs", &["forty_million_pixels_are_the_limit"]),
    (
        46,
        "media-files/tests/it/hostile.rs",
        &["an_animation_has_a_hundred_frames_at_most", "a_thousand_scans_are_too_many"],
    ),
    (47, "media-files/tests/it/hostile.rs", &["what_is_no_picture_is_unsupported_whatever_it_is_called"]),
    (47, "e2e/storage.rs", &["what_is_no_picture_leaves_nothing"]),
    (48, "media-files/tests/it/metadata.rs", &["jpegs_carry_nothing", "a_gif_that_is_a_page_is_a_gif_only"]),
    (49, "e2e/storage.rs", &["what_is_no_picture_leaves_nothing"]),
    (50, "e2e/storage.rs", &["odd_forms_are_refused_and_leave_nothing"]),
    (50, "media/tests/it/receive_upload.rs", &["too_much_is_refused_while_more_would_come"]),
    (50, "media/tests/it/receive_upload.rs", &["who_goes_away_in_the_middle_leaves_nothing"]),
    (51, "e2e/storage.rs", &["what_a_file_is_called_matters_to_nobody"]),
    (52, "media-files/tests/it/metadata.rs", &["jpegs_carry_nothing", "pngs_carry_nothing", "webps_carry_nothing"]),
    (52, "media-files/tests/it/orientation.rs", &["jpegs_are_made_upright"]),
    (53, "media-files/tests/it/wrong_videos.rs", &["a_list_in_the_clothes_of_a_video_is_not_followed"]),
    (53, "media-files/tests/it/wrong_videos.rs", &["the_programs_work_within_their_limits"]),
    (54, "e2e/storage.rs", &["a_file_is_written_straight_to_the_bucket_once"]),
    (54, "local-s3/tests/it/presigned.rs", &["anything_else_is_refused"]),
    (54, "media/tests/it/presigned.rs", &["what_is_written_afterwards_changes_nothing"]),
    (54, "media/tests/it/presigned.rs", &["the_days_quota_counts_what_was_written"]),
    (55, "e2e/webhooks.rs", &["what_is_not_genuine_is_refused_and_leaves_no_row"]),
    (55, "e2e/webhooks.rs", &["both_secrets_several_signatures_and_five_minutes_are_good"]),
    (56, "e2e/webhooks.rs", &["an_id_counts_once_whatever_its_body_also_at_once"]),
    (56, "e2e/webhooks.rs", &["a_body_of_256_kib_is_read_and_one_byte_more_is_not"]),
    (
        57,
        "e2e/realtime/connecting.rs",
        &["who_comes_is_let_in_or_told_why_not", "pages_that_are_not_listed_are_refused"],
    ),
    (58, "e2e/realtime/rooms.rs", &["who_may_not_is_told_why_and_is_nowhere"]),
    (58, "e2e/realtime/connecting.rs", &["there_is_one_namespace"]),
    (59, "e2e/realtime/rooms.rs", &["who_may_not_is_told_why_and_is_nowhere"]),
    (60, "e2e/realtime/endings.rs", &["sockets_end_with_their_account_and_their_session"]),
    (60, "e2e/realtime/endings.rs", &["who_loses_a_right_leaves_the_rooms_without_a_word"]),
    (60, "e2e/realtime/facts.rs", &["a_product_is_told_when_it_changes_flips_goes_and_comes"]),
    (61, "e2e/realtime/limits.rs", &["a_socket_is_in_sixty_four_rooms_at_most", "an_account_has_a_hundred_sockets"]),
    (61, "e2e/realtime/limits.rs", &["twenty_messages_in_a_second_are_heard_and_a_flood_ends"]),
    (61, "e2e/realtime/limits.rs", &["a_connection_without_a_socket_ends"]),
    (62, "e2e/realtime/wire.rs", &["what_is_malformed_ends_its_own_connection_alone"]),
    (63, "e2e/realtime/wire.rs", &["what_is_malformed_ends_its_own_connection_alone", "odd_requests_are_refused"]),
    (63, "e2e/realtime/limits.rs", &["a_frame_and_a_body_hold_so_many_bytes"]),
    (64, "reels/tests/it/feeds.rs", &["a_cursor_is_of_one_list"]),
    (65, "e2e/internal.rs", &["no_method_is_answered_without_a_token_of_ours"]),
    (66, "e2e/tokens.rs", &["a_token_comes_in_one_header_and_in_one_form"]),
    (67, "e2e/internal.rs", &["every_method_asks_who_calls"]),
    (68, "e2e/internal.rs", &["what_is_too_large_is_refused_before_it_is_read"]),
    (68, "service-runtime/tests/it/calls.rs", &["a_crowd_is_answered_or_refused_at_once"]),
    (69, "e2e/system.rs", &["private_paths_and_those_of_later_operations_are_not_there"]),
    (70, "events/tests/it/poison.rs", &["a_poison_event_stands_alone_and_can_be_replayed"]),
    (71, "service-runtime/tests/it/calls.rs", &["a_panic_is_one_calls_alone"]),
    (71, "e2e/requests.rs", &["nothing_tells_of_the_inside"]),
    (72, "e2e/system.rs", &["only_listed_origins_may_call_from_a_page"]),
    (73, "e2e/products_write.rs", &["what_is_not_right_is_refused_and_named"]),
    (75, "e2e/races.rs", &["what_buyers_do_at_once_is_worth_no_more"]),
    (75, "e2e/races.rs", &["of_two_that_exclude_each_other_the_second_sees_the_first"]),
    (76, "e2e/erasure.rs", &["a_buyer_who_deletes_its_account_is_forgotten_everywhere"]),
];

/// First and last case, and why they cannot be tested.
const NOT_HERE: &[(u8, u8, &str)] = &[
    (17, 18, "there are no offers and no tiers yet"),
    (74, 74, "planted values are searched where logs and traces of all processes are captured"),
];

#[test]
fn every_security_case_has_its_test_or_a_reason() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for case in 1..=76 {
        let is_tested = TESTED.iter().any(|(number, ..)| *number == case);
        let is_excused = NOT_HERE.iter().any(|(first, last, _)| (*first..=*last).contains(&case));
        assert!(is_tested != is_excused, "SEC-{case:02}: either a test or a reason");
    }
    for (case, file, tests) in TESTED {
        let path = match file.split('/').next().unwrap() {
            "e2e" | "faults" => format!("crates/local-market/tests/{file}"),
            "gateway" | "media" | "reels" => format!("services/{file}"),
            _ => format!("crates/{file}"),
        };
        let text = std::fs::read_to_string(root.join(&path)).unwrap_or_default();
        for test in *tests {
            // In a module of its own, or in the file of what it tests.
            let marks = ["#[test]", "#[tokio::test]", "#[tokio::test(flavor = \"multi_thread\")]"]
                .iter()
                .flat_map(|mark| ["\n", "\n    "].map(|line| format!("{mark}{line}")));
            let is_test = marks.into_iter().any(|mark| {
                text.contains(&format!("{mark}fn {test}(")) || text.contains(&format!("{mark}async fn {test}("))
            });
            assert!(is_test, "SEC-{case:02}: {path} has no test `{test}`");
        }
    }
}
