insert into {table} (part, key, value)
select $1, key, value from unnest($2::bytea[], $3::bytea[]) as new (key, value)
on conflict (part, key) do update set value = excluded.value
