perl -e 'use strict; my %h = map { $_ => $_ ** 2 } 1 .. 5; print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
  open my $f, ">", "f" or die; print $f "line $_\n" for 1 .. 3; close $f; open $f, "<", "f"; print while <$f>;
  my $pid = fork; if (!$pid) { exit 5 } waitpid $pid, 0; print $? >> 8, "\n"; print `echo backtick`;
  $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; sleep 3; local $| = 1; print "x" =~ /X/i ? "match\n" : "no\n";'
