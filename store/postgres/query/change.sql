update {table} as kept set value = new.value
from unnest($2::bytea[], $3::bytea[]) as new (key, value)
where kept.area = $1 and kept.key = new.key
