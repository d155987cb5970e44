-- What every loop of an exchange and every start ask for is found without reading what is over and done with.
create index container_wanted on container (claims, due) where wanted > done and lease_owner is null and held is null;
drop index container_due;
create index container_due on container (due) where lease_owner is null and held is null and due is not null;
create index message_ordinal on message (ordinal);
drop index message_due;
create index message_due on message (agreement, due, ordinal) where state in ('ready', 'waiting', 'unknown');
create index message_container on message (container, ordinal);
create index message_sending on message (id) where state = 'sending';
create index event_pairing on event (device, provider, time, id) where type in ('device_paired', 'device_unpaired') and status = 0;
