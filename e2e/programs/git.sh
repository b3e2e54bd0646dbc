export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_CONFIG_GLOBAL=$PWD/config
git config --global user.name N && git config --global user.email e@example.org && git config --global init.defaultBranch main
git init -q one && cd one && for i in 1 2 3; do seq 1 $((i * 100)) >f$i; git add .; git commit -q -m "commit $i"; done
git log --format='%h %s' && git checkout -q -b side HEAD~1 && echo x >g && git add g && git commit -q -m side
git merge -q -m merge main && git log --oneline --graph | cat && git status --short && git diff HEAD~1 --stat | cat
cd .. && git clone -q one two && cd two && git rev-parse HEAD && git fsck --strict 2>/dev/null && git gc -q && git log --oneline | wc -l
git archive HEAD | tar t && git grep -c 100
