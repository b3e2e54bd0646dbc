mkdir src && cd src && for d in a b c; do mkdir $d; for i in $(seq 1 40); do seq 1 $i >$d/f$i; done; done && ln -s a/f1 link && cd ..
tar --sort=name --mtime=@0 --owner=0 --group=0 -cf s.tar src && md5sum s.tar && xz -k -T2 s.tar && xz -t s.tar.xz && mkdir out
tar -xJf s.tar.xz -C out && diff -r src out/src && gzip -k s.tar && zcat s.tar.gz | cmp - s.tar && tar -tf s.tar | wc -l && bzip2 -k s.tar && bzcat s.tar.bz2 | md5sum
