update {table} set holder = substr(new.key, 1, 16)
from unnest($2::bytea[], $3::bytea[]) as new (key, value)
where area = $1 and entry.key = substr(new.key, 17)
