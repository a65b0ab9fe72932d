update {table} as kept set value = new.value, position = coalesce(new.position, kept.position)
from unnest($2::bytea[], $3::bytea[], $4::bytea[]) as new (key, value, position)
where kept.area = $1 and kept.key = new.key
