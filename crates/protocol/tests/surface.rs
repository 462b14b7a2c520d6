//! The proto surface as a snapshot: services, methods and field numbers, so that a change of the contract is seen in review.

use std::fmt::Write;

use prost::Message;
use prost_types::{DescriptorProto, FileDescriptorSet};

#[test]
fn proto_surface_is_reviewed() {
    let set = FileDescriptorSet::decode(protocol::DESCRIPTORS).unwrap();
    let mut surface = String::new();
    for file in set.file.iter().filter(|file| !file.package().starts_with("google")) {
        writeln!(surface, "{}", file.name()).unwrap();
        for service in &file.service {
            for method in &service.method {
                let (input, output) = (short(method.input_type()), short(method.output_type()));
                writeln!(surface, "  {}.{}({input}) -> {output}", service.name(), method.name()).unwrap();
            }
        }
        file.message_type.iter().for_each(|message| describe(&mut surface, message));
        for choice in &file.enum_type {
            let values: Vec<_> =
                choice.value.iter().map(|value| format!("{}={}", value.name(), value.number())).collect();
            writeln!(surface, "  enum {} {}", choice.name(), values.join(" ")).unwrap();
        }
    }
    insta::assert_snapshot!(surface);
}

fn describe(surface: &mut String, message: &DescriptorProto) {
    let fields: Vec<_> = message
        .field
        .iter()
        .map(|field| {
            let kind = if field.type_name().is_empty() {
                format!("{:?}", field.r#type()).to_lowercase()
            } else {
                short(field.type_name()).to_owned()
            };
            let label = match field.label() {
                prost_types::field_descriptor_proto::Label::Repeated => "*",
                _ if field.proto3_optional() => "?",
                _ => "",
            };
            format!("{}={}:{kind}{label}", field.name(), field.number())
        })
        .collect();
    writeln!(surface, "  {} {}", message.name(), fields.join(" ")).unwrap();
}

fn short(name: &str) -> &str {
    name.trim_start_matches('.')
}
