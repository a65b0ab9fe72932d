update {table} set holder = null
from unnest($2::bytea[]) as gone (key)
where area = $1 and entry.key = substr(gone.key, 17) and holder = substr(gone.key, 1, 16)
