create table meta (key text primary key, value text not null);
create table secret (name text primary key, value blob not null, changed bigint not null);

create table body (id text primary key, size bigint not null, digest text not null, content_type text not null, complete smallint not null);
create table body_part (body text not null, number bigint not null, octets blob not null, primary key (body, number));

create table event (
  id text primary key, provider text not null, provider_id text not null, type text not null, time bigint not null,
  received bigint not null, container text, device text, content text not null, content_digest text not null, raw text,
  origin smallint not null, status smallint not null, unique (provider, provider_id));
create index event_container on event (container, time);
create index event_device on event (device, time);

create table journey (
  id text primary key, container text not null, from_time bigint not null, until_time bigint, closed bigint,
  version bigint not null, stored bigint not null, content text not null);
create index journey_container on journey (container, from_time);
create table journey_section (
  journey text not null, owner text not null, version bigint not null, stored bigint not null, content text not null,
  primary key (journey, owner));
create table journey_revision (
  journey text not null, owner text not null, version bigint not null, stored bigint not null, content text not null,
  primary key (journey, owner, version));
create table journey_reference (number text not null, journey text not null, primary key (number, journey));
create index journey_reference_journey on journey_reference (journey);
create table seal_change (
  id text primary key, container text not null, at bigint not null, stored bigint not null, party text not null, content text not null);
create index seal_change_container on seal_change (container, at);

create table container (
  number text primary key, wanted bigint not null, done bigint not null, due bigint, lease_owner text, lease_number bigint not null,
  claims bigint not null, held text, content text);
create index container_due on container (due);

create table finding (
  id text primary key, container text not null, journey text, rule text not null, code text not null, severity text not null,
  time bigint not null, cause text not null unique, content text not null, closed bigint);
create index finding_container on finding (container, time);

create table message (
  id text primary key, agreement text not null, kind text not null, cause text not null, container text, journey text,
  finding text, state text not null, ordinal bigint not null, document text not null, signature text, content_type text not null,
  headers text not null, input text not null, set_digest text not null, marks text not null, created bigint not null,
  due bigint, attempts bigint not null, first_try bigint, held_since bigint, conversation text, customs_id text, reason text,
  out_of_order smallint not null, lease_owner text, signer_until bigint, unique (agreement, kind, cause));
create index message_due on message (agreement, state, due);
create index message_order on message (agreement, container, ordinal);
create index message_conversation on message (conversation);
create index message_customs_id on message (customs_id);
create table attempt (
  message text not null, number bigint not null, started bigint not null, ended bigint, outcome text, status bigint, detail text,
  primary key (message, number));
create table receipt (
  id text primary key, message text not null, kind text not null, received bigint not null, conversation text, body text, content text not null);
create index receipt_message on receipt (message);

create table document (
  id text primary key, peer text not null, received bigint not null, body text not null, signature text, content_type text not null,
  type text not null, dedupe text not null, state text not null, reason text, message text, container text, journey text,
  conversation text, content text not null, unique (peer, dedupe));
create index document_message on document (message);
create table notice (
  id text primary key, kind text not null, peer text not null, document text not null, message text, container text, journey text,
  received bigint not null, disclosure text not null, content text not null, acknowledged bigint, lifted bigint, escalate bigint);
create index notice_container on notice (container, received);
create index notice_message on notice (message);
create index notice_escalate on notice (escalate);

create table reply (
  id text primary key, notice text not null, state text not null, text text not null, author text not null, token text not null,
  created bigint not null, approver text, approved bigint, message text);
create index reply_notice on reply (notice, created);
create table part (
  owner text not null, number bigint not null, id text not null, body text not null, name text not null, content_type text not null,
  description text, primary key (owner, number));

create table subscription (
  id text primary key, party text not null, content text not null, state text not null, cursor bigint not null, failing_since bigint,
  created bigint not null, version bigint not null);
create table delivery (
  id text primary key, subscription text not null, record bigint not null, type text not null, container text, body text not null,
  state text not null, attempts bigint not null, first_try bigint, due bigint, last_status bigint, last_error text,
  created bigint not null, ended bigint, unique (subscription, record));
create index delivery_due on delivery (subscription, state, due);
create index delivery_order on delivery (subscription, state, container, record);

create table record (
  id text primary key, at bigint not null, kind text not null, object text not null, container text, journey text, agreement text,
  content text not null, number bigint unique, chain text);
create index record_object on record (object, kind);
create index record_kind on record (kind, number);
