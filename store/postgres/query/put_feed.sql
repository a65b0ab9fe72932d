update {table} set position = new.position
from unnest($2::bytea[], $3::bytea[]) as new (position, key)
where area = $1 and account.key = new.key
