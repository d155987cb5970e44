# What the lints share: the files of the tree, source without comments and literals, and how to tell what was found.
package Lint;
use strict;
use warnings;
use Cwd qw(abs_path);

our $root = abs_path($ENV{SOURCE_DIR} || '.');
my ($looked, @found) = (0);

# Tracked files and new ones that are not ignored; in an unpacked archive, all that is not built.
sub files {
	my ($wanted) = @_;
	my @all;
	if (-e "$root/.git") {
		open my $git, '-|', 'git', '-C', $root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard' or die "git: $!\n";
		local $/ = "\0";
		chomp(@all = <$git>);
	} else {
		my @folders = ('');
		while (defined(my $folder = shift @folders)) {
			opendir my $dir, "$root/$folder" or next;
			for my $name (sort readdir $dir) {
				my $path = $folder eq '' ? $name : "$folder/$name";
				next if $name =~ /^\./ || $path =~ m{^(build[^/]*|_build|autom4te\.cache|aclocal\.m4|configure|config\.h\.in|Makefile\.in)$};
				-d "$root/$path" ? push @folders, $path : push @all, $path;
			}
		}
	}
	my %seen;
	return sort grep { !$seen{$_}++ && -f "$root/$_" && !-l "$root/$_" && $_ =~ $wanted } @all;
}

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', "$root/$file" or die "$file: $!\n";
	local $/;
	$looked++;
	my $text = <$in>;
	return defined $text ? $text : '';
}

# C without comments, and with empty strings and characters; every line stays where it is.
sub code {
	my ($text) = @_;
	my $blank = sub { my $t = shift; $t =~ s/[^\n]//g; $t };
	$text =~ s{(/\*.*?\*/|//[^\n]*)|("(?:[^"\\\n]|\\.)*")|('(?:[^'\\\n]|\\.)*')}{defined $1 ? $blank->($1) : defined $2 ? '""' : "' '"}gse;
	return $text;
}

sub problem { push @found, join '', @_ }

# Ends the lint: says everything that was found.
sub done {
	my ($name) = @_;
	die "$name: no file was looked at\n" unless $looked;
	print "$_\n" for @found;
	printf "%s: %d files, %d problems\n", $name, $looked, scalar @found;
	exit(@found ? 1 : 0);
}

sub count { scalar @found }

sub skip { print "skipped: @_\n"; exit 77 }

1;
