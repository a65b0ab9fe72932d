insert into {table} (area, key, value, position)
select place.area, new.key, new.value, new.position
from tenthcup.area as place cross join unnest($2::bytea[], $3::bytea[], $4::bytea[]) as new (key, value, position)
where place.area = $1
