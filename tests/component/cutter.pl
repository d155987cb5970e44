#!/usr/bin/perl
# cutter.pl PORT UP DOWN: stands before 127.0.0.1:PORT and passes octets on, on a port that the kernel chooses. The first connection is cut
# off once UP octets have gone to the port or DOWN have come from it (0: never), the next one as much later, and so on until one ends
# uncut; each cut is told on stderr.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

my ($port, @step) = @ARGV;
$| = 1;
$SIG{PIPE} = 'IGNORE';
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 64, ReuseAddr => 1) or die "cannot listen: $!\n";
printf "cutter: ready on https://localhost:%d\n", $server->sockport;
my $select = IO::Select->new($server);
my ($number, %line) = (0);

sub end_line {
	my ($l) = @_;
	for (@{ $l->{ends} }) { $select->remove($_); delete $line{$_}; close $_ }
}

while (1) {
	for my $end ($select->can_read) {
		if ($end == $server) {
			my $near = $server->accept or next;
			my $far = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or do { close $near; next };
			$number++;
			my $l = { ends => [$near, $far], left => [map { $_ ? $_ * $number : undef } @step], number => $number };
			$line{$_} = $l, $select->add($_) for $near, $far;
			next;
		}
		my $l = $line{$end} or next;
		my $way = $end == $l->{ends}[0] ? 0 : 1;
		my $n = sysread $end, my $octets, 65536;
		if (!$n) { end_line($l); next }
		my $left = $l->{left}[$way];
		my $cut = defined $left && $n >= $left;
		$octets = substr $octets, 0, $left if $cut;
		$l->{left}[$way] -= $n if defined $left && !$cut;
		my $to = $l->{ends}[1 - $way];
		for (my $at = 0; $at < length $octets;) {
			my $wrote = syswrite $to, $octets, length($octets) - $at, $at;
			last if !$wrote;
			$at += $wrote;
		}
		if ($cut) {
			printf STDERR "cut %d, after %d octets %s\n", $l->{number}, $step[$way] * $l->{number}, $way ? 'back' : 'forth';
			end_line($l);
		}
	}
}
