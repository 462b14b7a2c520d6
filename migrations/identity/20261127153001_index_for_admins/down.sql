DROP INDEX users_phone, users_email, users_words;
DROP INDEX users_deleted, users_inactive, users_verified, users_approval, users_category, users_role, users_name,
    users_created;
