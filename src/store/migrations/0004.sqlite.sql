-- What of a long voyage need not be read again, and which of its events are (flow).
create table checkpoint (
  container text not null, journey text not null, until bigint not null, basis text not null, content text not null,
  primary key (container, journey));
