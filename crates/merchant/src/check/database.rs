//! Checks the database: its schema, its connections, and whether a server runs on it.

use super::Finding;
use crate::config::Database;
use crate::db::instances::InstanceRow;
use crate::db::postgres::Limit;
use crate::db::{Db, DbError, Inspected, Inspection, Versions};
use crate::instance;

/// The servers that run on the database.
#[derive(Default)]
pub(super) struct Servers {
    /// True if there is one; none if the database does not tell.
    pub(super) is_any: Option<bool>,
    /// Those that share it.
    pub(super) instances: Vec<InstanceRow>,
}

/// Checks the database, and returns the servers that run on it.
pub(super) async fn check(database: &Database, findings: &mut Vec<Finding>) -> Servers {
    let failed = |error: DbError| match (database, &error) {
        (Database::File(path), DbError::Damaged(_) | DbError::Sqlite(_)) => {
            Finding::Problem(format!("server.database: {}: {error}", path.display()))
        }
        // It names the file or the address itself.
        _ => Finding::Problem(format!("server.database: {error}")),
    };
    let Inspected { versions, state } = match Db::inspect(database).await {
        Ok(inspected) => inspected,
        Err(error) => {
            findings.push(failed(error));
            return Servers::default();
        }
    };
    findings.push(schema(database, versions));
    let (db, limits) = match state {
        Inspection::File { is_owned } => {
            return Servers { is_any: Some(is_owned), instances: Vec::new() };
        }
        Inspection::Postgres { db, limits } => (db, limits),
    };
    // Another schema may have no list of instances.
    let running = match versions.found == versions.needed {
        true => instance::running(&db).await,
        false => Ok(Vec::new()),
    };
    let is_any = running.as_ref().ok().map(|instances| !instances.is_empty());
    let instances = running.unwrap_or_else(|error| {
        findings.push(failed(error));
        Vec::new()
    });
    if let Database::Postgres { connections, .. } = database {
        findings.extend(capacity(&limits, *connections, instances.len()));
    }
    Servers { is_any, instances }
}

fn schema(database: &Database, versions: Versions) -> Finding {
    let Versions { found, needed } = versions;
    match found {
        found if found > needed => {
            let error = DbError::TooNew { found, known: needed };
            Finding::Problem(format!("server.database: {database}: {error}"))
        }
        0 => Finding::Good(format!(
            "server.database: {database} is empty or missing; a start makes it with schema {needed}"
        )),
        found if found < needed => Finding::Good(format!(
            "server.database: {database} has schema {found}; a start brings it to {needed}"
        )),
        found => {
            Finding::Good(format!("server.database: {database} has schema {found}, as needed"))
        }
    }
}

/// Compares the connections of the instances with each limit of them: a problem if one instance has
/// too few, a warning if those that run have.
fn capacity(limits: &[Limit], connections: usize, running: usize) -> Vec<Finding> {
    // One more listens.
    let each = i64::try_from(connections).unwrap_or(i64::MAX).saturating_add(1);
    let instances = i64::try_from(running.max(1)).unwrap_or(i64::MAX);
    let needed = each.saturating_mul(instances);
    let exceeded = limits.iter().filter(|limit| limit.connections < needed);
    exceeded
        .map(|Limit { name, connections: limit }| {
            let several = if instances == 1 {
                String::new()
            } else {
                format!(", {needed} with the {instances} instances that run")
            };
            let text = format!(
                "server.database_connections: each instance opens {connections} and one more{several}, and {name} allows {limit}; lower the setting, or raise the limit"
            );
            if each > *limit { Finding::Problem(text) } else { Finding::Warning(text) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_compared_with_each_limit() {
        let server = Limit { name: "max_connections of the server", connections: 97 };
        let role = Limit { name: "the CONNECTION LIMIT of the role", connections: 20 };
        assert_eq!(capacity(&[server, role], 16, 1), []);
        let [Finding::Warning(text)] = &capacity(&[server, role], 16, 2)[..] else { panic!() };
        for part in ["opens 16 and one more", "34 with the 2", "of the role allows 20"] {
            assert!(text.contains(part), "{text}");
        }
        let [Finding::Problem(text)] = &capacity(&[role], 20, 0)[..] else { panic!() };
        assert!(text.contains("opens 20 and one more, and the CONNECTION LIMIT"), "{text}");
        assert_eq!(capacity(&[server, role], 16, 6).len(), 2);
    }
}
