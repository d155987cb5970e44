#!/usr/bin/perl
# A receiver of webhooks that is no more: it answers 410 to whatever it is sent. Plain HTTP on loopback; the kernel chooses the port.
use strict;
use warnings;
use IO::Socket::INET;

$| = 1;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 8, ReuseAddr => 1) or die "cannot listen: $!\n";
printf "gone: ready on http://localhost:%d\n", $server->sockport;
while (my $client = $server->accept) {
	my $size = 0;
	while (defined(my $line = <$client>)) {
		$size = $1 if $line =~ /^content-length:\s*(\d+)/i;
		last if $line =~ /^\r?\n$/;
	}
	read $client, my $body, $size if $size;
	print $client "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
	close $client;
}
