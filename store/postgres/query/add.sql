insert into {table} (area, key, value)
select place.area, new.key, new.value
from tenthcup.area as place cross join unnest($2::bytea[], $3::bytea[]) as new (key, value)
where place.area = $1
