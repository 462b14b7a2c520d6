DROP INDEX CONCURRENTLY users_by_avatar_url;
