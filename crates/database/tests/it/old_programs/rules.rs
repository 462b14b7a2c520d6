//! What a migration may do to what is there: nothing that is read is taken away, nothing that is written is refused.

use super::schema::{Column, Constraint, Schema};

/// What programs that were built for the schema before do not bear of the one after.
pub(super) fn broken(before: &Schema, after: &Schema, locked: &[String]) -> Vec<String> {
    let mut broken = Vec::new();
    tables_and_columns(before, after, &mut broken);
    constraints(before, after, &mut broken);
    code(before, after, &mut broken);
    // Two migrations lock them one after the other; one that holds the first waits for those who wait for it.
    let locked: Vec<&str> = locked.iter().map(String::as_str).filter(|table| before.has_table(table)).collect();
    if locked.len() > 1 {
        broken.push(format!("{} are locked together", locked.join(" and ")));
    }
    broken
}

fn tables_and_columns(before: &Schema, after: &Schema, broken: &mut Vec<String>) {
    for column in &before.columns {
        let Column { table_name, name, .. } = column;
        let is_new_table = |line: &String| !broken.contains(line);
        match after.column(table_name, name) {
            Some(now) => changes(column, now, broken),
            None if after.has_table(table_name) => broken.push(format!("column {table_name}.{name} is gone")),
            None => {
                let line = format!("table {table_name} is gone");
                if is_new_table(&line) {
                    broken.push(line);
                }
            }
        }
    }
    for Column { table_name, name, is_optional, .. } in &after.columns {
        if before.has_table(table_name) && before.column(table_name, name).is_none() && !is_optional {
            broken.push(format!("column {table_name}.{name} must be filled"));
        }
    }
}

fn changes(before: &Column, now: &Column, broken: &mut Vec<String>) {
    let name = format!("column {}.{}", before.table_name, before.name);
    if now.type_name != before.type_name {
        broken.push(format!("{name} is {} instead of {}", now.type_name, before.type_name));
    }
    if before.is_optional && !now.is_optional {
        broken.push(format!("{name} must be filled"));
    }
    match (before.is_nullable, now.is_nullable) {
        (true, false) => broken.push(format!("{name} refuses NULL")),
        (false, true) => broken.push(format!("{name} may be NULL")),
        _ => {}
    }
}

fn constraints(before: &Schema, after: &Schema, broken: &mut Vec<String>) {
    // An index may be called like a constraint.
    let name = |of: &Constraint| (of.table_name.clone(), of.name.clone(), of.is_index);
    let same = |one: &Constraint, other: &Constraint| name(one) == name(other);
    for constraint in before.constraints.iter().filter(|constraint| after.has_table(&constraint.table_name)) {
        match after.constraints.iter().find(|now| same(now, constraint)) {
            None => broken.push(format!("{} is gone", constraint.title())),
            Some(now) if now.definition != constraint.definition && after_has_columns(after, constraint) => {
                broken.push(format!("{} is another", constraint.title()));
            }
            Some(_) => {}
        }
    }
    for constraint in &after.constraints {
        if !before.constraints.iter().any(|known| same(known, constraint)) {
            added(before, constraint, broken);
        }
    }
}

/// Whether none of its columns has another name by now, which is told already.
fn after_has_columns(after: &Schema, constraint: &Constraint) -> bool {
    constraint.columns.iter().all(|column| after.column(&constraint.table_name, column).is_some())
}

fn added(before: &Schema, constraint: &Constraint, broken: &mut Vec<String>) {
    let (table, title) = (&constraint.table_name, constraint.title());
    if let Some(parent) = constraint.keeps.as_ref().filter(|parent| before.has_table(parent) && *parent != table) {
        broken.push(format!("{title} keeps rows of {parent} from being deleted"));
    }
    if !before.has_table(table) || (constraint.is_index && !constraint.is_unique) {
        return;
    }
    // Writers that do not know its columns leave them as they are by default.
    let is_of_new_columns = !constraint.columns.is_empty()
        && constraint.columns.iter().all(|column| before.column(table, column).is_none());
    if !is_of_new_columns && !is_weaker(before, constraint) {
        broken.push(format!("{title} refuses rows of {table}"));
    }
    if constraint.is_validated && !is_of_new_columns {
        broken.push(format!("{title} reads all of {table} at once"));
    }
}

/// Whether what has to be unique was so already, for fewer columns.
fn is_weaker(before: &Schema, constraint: &Constraint) -> bool {
    let mut known = before.constraints.iter().filter(|known| known.table_name == constraint.table_name);
    constraint.is_unique
        && known.any(|known| {
            let is_whole = !known.is_index && known.is_unique && !known.columns.is_empty();
            is_whole && known.columns.iter().all(|column| constraint.columns.contains(column))
        })
}

fn code(before: &Schema, after: &Schema, broken: &mut Vec<String>) {
    let is_there = |table: &Option<String>, schema: &Schema| table.as_ref().is_none_or(|table| schema.has_table(table));
    for known in before.code.iter().filter(|known| is_there(&known.table_name, after)) {
        match after.code.iter().find(|now| now.name == known.name) {
            None => broken.push(format!("{} is gone", known.name)),
            Some(now) if now.definition != known.definition => broken.push(format!("{} is another", known.name)),
            Some(_) => {}
        }
    }
    for now in after.code.iter().filter(|now| now.table_name.is_some() && is_there(&now.table_name, before)) {
        if !before.code.iter().any(|known| known.name == now.name) {
            broken.push(format!("{} is new", now.name));
        }
    }
}

impl Constraint {
    fn title(&self) -> String {
        format!("{} {}", if self.is_index { "index" } else { "constraint" }, self.name)
    }
}
