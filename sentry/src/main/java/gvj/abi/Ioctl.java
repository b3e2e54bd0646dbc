package gvj.abi;

/** ioctl(2) request numbers and termios(3) bits. */
public final class Ioctl {
    public static final int B0 = 0;

    public static final int B1000000 = 0x1008;

    public static final int B110 = 3;

    public static final int B115200 = 0x1002;

    public static final int B1152000 = 0x1009;

    public static final int B1200 = 9;

    public static final int B134 = 4;

    public static final int B150 = 5;

    public static final int B1500000 = 0x100a;

    public static final int B1800 = 0xa;

    public static final int B19200 = 0xe;

    public static final int B200 = 6;

    public static final int B2000000 = 0x100b;

    public static final int B230400 = 0x1003;

    public static final int B2400 = 0xb;

    public static final int B2500000 = 0x100c;

    public static final int B300 = 7;

    public static final int B3000000 = 0x100d;

    public static final int B3500000 = 0x100e;

    public static final int B38400 = 0xf;

    public static final int B4000000 = 0x100f;

    public static final int B460800 = 0x1004;

    public static final int B4800 = 0xc;

    public static final int B50 = 1;

    public static final int B500000 = 0x1005;

    public static final int B57600 = 0x1001;

    public static final int B576000 = 0x1006;

    public static final int B600 = 8;

    public static final int B75 = 2;

    public static final int B921600 = 0x1007;

    public static final int B9600 = 0xd;

    public static final int BLKALIGNOFF = 0x127a;

    public static final int BLKBSZGET = 0x80081270;

    public static final int BLKBSZSET = 0x40081271;

    public static final int BLKDISCARD = 0x1277;

    public static final int BLKDISCARDZEROES = 0x127c;

    public static final int BLKFLSBUF = 0x1261;

    public static final int BLKFRAGET = 0x1265;

    public static final int BLKFRASET = 0x1264;

    public static final int BLKGETDISKSEQ = 0x80081280;

    public static final int BLKGETSIZE = 0x1260;

    public static final int BLKGETSIZE64 = 0x80081272;

    public static final int BLKIOMIN = 0x1278;

    public static final int BLKIOOPT = 0x1279;

    public static final int BLKPBSZGET = 0x127b;

    public static final int BLKRAGET = 0x1263;

    public static final int BLKRASET = 0x1262;

    public static final int BLKROGET = 0x125e;

    public static final int BLKROSET = 0x125d;

    public static final int BLKROTATIONAL = 0x127e;

    public static final int BLKRRPART = 0x125f;

    public static final int BLKSECDISCARD = 0x127d;

    public static final int BLKSECTGET = 0x1267;

    public static final int BLKSECTSET = 0x1266;

    public static final int BLKSSZGET = 0x1268;

    public static final int BLKTRACESTART = 0x1274;

    public static final int BLKTRACESTOP = 0x1275;

    public static final int BLKTRACETEARDOWN = 0x1276;

    public static final int BLKZEROOUT = 0x127f;

    public static final int BRKINT = 2;

    public static final int BS0 = 0;

    public static final int BS1 = 0x2000;

    public static final int BSDLY = 0x2000;

    public static final int CBAUD = 0x100f;

    public static final int CLOCAL = 0x800;

    public static final int CR0 = 0;

    public static final int CR1 = 0x200;

    public static final int CR2 = 0x400;

    public static final int CR3 = 0x600;

    public static final int CRDLY = 0x600;

    public static final int CREAD = 0x80;

    public static final int CS5 = 0;

    public static final int CS6 = 0x10;

    public static final int CS7 = 0x20;

    public static final int CS8 = 0x30;

    public static final int CSIZE = 0x30;

    public static final int CSTOPB = 0x40;

    public static final int ECHO = 8;

    public static final int ECHOCTL = 512;

    public static final int ECHOE = 16;

    public static final int ECHOK = 32;

    public static final int ECHOKE = 2048;

    public static final int ECHONL = 64;

    public static final int ECHOPRT = 1024;

    public static final int EXTPROC = 65536;

    public static final int FF0 = 0;

    public static final int FF1 = 0x8000;

    public static final int FFDLY = 0x8000;

    public static final int FIBMAP = 1;

    public static final int FICLONE = 0x40049409;

    public static final int FICLONERANGE = 0x4020940d;

    public static final int FIDEDUPERANGE = 0xc0189436;

    public static final int FIFREEZE = 0xc0045877;

    public static final int FIGETBSZ = 2;

    public static final int FILE_DEDUPE_RANGE_SAME = 0;
    public static final int FILE_DEDUPE_RANGE_DIFFERS = 1;

    public static final int FIOASYNC = 0x5452;

    public static final int FIOCLEX = 0x5451;

    public static final int FIONBIO = 0x5421;

    public static final int FIONCLEX = 0x5450;

    public static final int FIONREAD = 0x541b;

    public static final int FIOQSIZE = 0x5460;

    public static final int FITHAW = 0xc0045878;

    public static final int FITRIM = 0xc0185879;

    public static final int FLUSHO = 0x1000;

    public static final int FS_IOC32_SETFLAGS = 0x40046602;
    public static final int FS_IOC32_SETVERSION = 0x40047602;
    public static final int FS_IOC_SETFLAGS = 0x40086602;
    public static final int FS_IOC_SETVERSION = 0x40087602;
    public static final int FS_IOC_GET_ENCRYPTION_POLICY = 0x400c6615;
    public static final int FS_IOC_GET_ENCRYPTION_PWSALT = 0x40106614;
    public static final int FS_IOC_FSSETXATTR = 0x401c5820;
    public static final int FS_IOC_SETFSLABEL = 0x41009432;
    public static final int FS_IOC32_GETFLAGS = 0x80046601;
    public static final int FS_IOC32_GETVERSION = 0x80047601;
    public static final int FS_IOC_GETFLAGS = 0x80086601;
    public static final int FS_IOC_GETVERSION = 0x80087601;
    public static final int FS_IOC_SET_ENCRYPTION_POLICY = 0x800c6613;
    public static final int FS_IOC_GET_ENCRYPTION_NONCE = 0x8010661b;
    public static final int FS_IOC_FSGETXATTR = 0x801c581f;
    public static final int FS_IOC_GETFSLABEL = 0x81009431;
    public static final int FS_IOC_GET_ENCRYPTION_POLICY_EX = 0xc0096616;
    public static final int FS_IOC_REMOVE_ENCRYPTION_KEY = 0xc0406618;
    public static final int FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS = 0xc0406619;
    public static final int FS_IOC_ADD_ENCRYPTION_KEY = 0xc0506617;
    public static final int FS_IOC_GET_ENCRYPTION_KEY_STATUS = 0xc080661a;

    public static final int HUPCL = 0x400;

    public static final int ICANON = 2;

    public static final int ICRNL = 0x100;

    public static final int IEXTEN = 0x8000;

    public static final int IGNBRK = 1;

    public static final int IGNCR = 0x80;

    public static final int IGNPAR = 4;

    public static final int IMAXBEL = 0x2000;

    public static final int INLCR = 0x40;

    public static final int INPCK = 0x10;

    public static final int ISIG = 1;

    public static final int ISTRIP = 0x20;

    public static final int IUCLC = 0x200;

    public static final int IUTF8 = 0x4000;

    public static final int IXANY = 0x800;

    public static final int IXOFF = 0x1000;

    public static final int IXON = 0x400;

    public static final int NCCS = 0x13;

    public static final int NL0 = 0;

    public static final int NL1 = 0x100;

    public static final int NLDLY = 0x100;

    public static final int NOFLSH = 0x80;

    public static final int OCRNL = 8;

    public static final int OFDEL = 0x80;

    public static final int OFILL = 0x40;

    public static final int OLCUC = 2;

    public static final int ONLCR = 4;

    public static final int ONLRET = 0x20;

    public static final int ONOCR = 0x10;

    public static final int OPOST = 1;

    public static final int PARENB = 0x100;

    public static final int PARMRK = 8;

    public static final int PARODD = 0x200;

    public static final int PENDIN = 0x4000;

    public static final int RENAME_NOREPLACE = 1;
    public static final int RENAME_EXCHANGE = 2;
    public static final int RENAME_WHITEOUT = 4;

    public static final int SIOCADDDLCI = 0x8980;

    public static final int SIOCADDMULTI = 0x8931;

    public static final int SIOCADDRT = 0x890b;

    public static final int SIOCATMARK = 0x8905;

    public static final int SIOCDARP = 0x8953;

    public static final int SIOCDELDLCI = 0x8981;

    public static final int SIOCDELMULTI = 0x8932;

    public static final int SIOCDELRT = 0x890c;

    public static final int SIOCDEVPRIVATE = 0x89f0;

    public static final int SIOCDIFADDR = 0x8936;

    public static final int SIOCDRARP = 0x8960;

    public static final int SIOCETHTOOL = 0x8946;

    public static final int SIOCGARP = 0x8954;

    public static final int SIOCGIFADDR = 0x8915;

    public static final int SIOCGIFBR = 0x8940;

    public static final int SIOCGIFBRDADDR = 0x8919;

    public static final int SIOCGIFCONF = 0x8912;

    public static final int SIOCGIFCOUNT = 0x8938;

    public static final int SIOCGIFDSTADDR = 0x8917;

    public static final int SIOCGIFENCAP = 0x8925;

    public static final int SIOCGIFFLAGS = 0x8913;

    public static final int SIOCGIFHWADDR = 0x8927;

    public static final int SIOCGIFINDEX = 0x8933;

    public static final int SIOCGIFMAP = 0x8970;

    public static final int SIOCGIFMEM = 0x891f;

    public static final int SIOCGIFMETRIC = 0x891d;

    public static final int SIOCGIFMTU = 0x8921;

    public static final int SIOCGIFNAME = 0x8910;

    public static final int SIOCGIFNETMASK = 0x891b;

    public static final int SIOCGIFPFLAGS = 0x8935;

    public static final int SIOCGIFSLAVE = 0x8929;

    public static final int SIOCGIFTXQLEN = 0x8942;

    public static final int SIOCGMIIPHY = 0x8947;

    public static final int SIOCGMIIREG = 0x8948;

    public static final int SIOCGRARP = 0x8961;

    public static final int SIOCOUTQNSD = 0x894b;

    public static final int SIOCPROTOPRIVATE = 0x89e0;

    public static final int SIOCRTMSG = 0x890d;

    public static final int SIOCSARP = 0x8955;

    public static final int SIOCSIFADDR = 0x8916;

    public static final int SIOCSIFBR = 0x8941;

    public static final int SIOCSIFBRDADDR = 0x891a;

    public static final int SIOCSIFDSTADDR = 0x8918;

    public static final int SIOCSIFENCAP = 0x8926;

    public static final int SIOCSIFFLAGS = 0x8914;

    public static final int SIOCSIFHWADDR = 0x8924;

    public static final int SIOCSIFHWBROADCAST = 0x8937;

    public static final int SIOCSIFLINK = 0x8911;

    public static final int SIOCSIFMAP = 0x8971;

    public static final int SIOCSIFMEM = 0x8920;

    public static final int SIOCSIFMETRIC = 0x891e;

    public static final int SIOCSIFMTU = 0x8922;

    public static final int SIOCSIFNAME = 0x8923;

    public static final int SIOCSIFNETMASK = 0x891c;

    public static final int SIOCSIFPFLAGS = 0x8934;

    public static final int SIOCSIFSLAVE = 0x8930;

    public static final int SIOCSIFTXQLEN = 0x8943;

    public static final int SIOCSRARP = 0x8962;

    public static final int SIOGIFINDEX = 0x8933;

    public static final int TAB0 = 0;

    public static final int TAB1 = 0x800;

    public static final int TAB2 = 0x1000;

    public static final int TAB3 = 0x1800;

    public static final int TABDLY = 0x1800;

    public static final int TCFLSH = 0x540b;

    public static final int TCGETA = 0x5405;

    public static final int TCGETS = 0x5401;

    public static final int TCGETS2 = 0x802c542a;

    public static final int TCGETX = 0x5432;

    public static final int TCIFLUSH = 0;

    public static final int TCIOFF = 2;

    public static final int TCIOFLUSH = 2;

    public static final int TCION = 3;

    public static final int TCOFLUSH = 1;

    public static final int TCOOFF = 0;

    public static final int TCOON = 1;

    public static final int TCSADRAIN = 1;

    public static final int TCSAFLUSH = 2;

    public static final int TCSANOW = 0;

    public static final int TCSBRK = 0x5409;

    public static final int TCSBRKP = 0x5425;

    public static final int TCSETA = 0x5406;

    public static final int TCSETAF = 0x5408;

    public static final int TCSETAW = 0x5407;

    public static final int TCSETS = 0x5402;

    public static final int TCSETS2 = 0x402c542b;

    public static final int TCSETSF = 0x5404;

    public static final int TCSETSF2 = 0x402c542d;

    public static final int TCSETSW = 0x5403;

    public static final int TCSETSW2 = 0x402c542c;

    public static final int TCSETX = 0x5433;

    public static final int TCSETXF = 0x5434;

    public static final int TCSETXW = 0x5435;

    public static final int TCXONC = 0x540a;

    public static final int TIOCCBRK = 0x5428;

    public static final int TIOCCONS = 0x541d;

    public static final int TIOCEXCL = 0x540c;

    public static final int TIOCGDEV = 0x80045432;

    public static final int TIOCGETD = 0x5424;

    public static final int TIOCGEXCL = 0x80045440;

    public static final int TIOCGICOUNT = 0x545d;

    public static final int TIOCGLCKTRMIOS = 0x5456;

    public static final int TIOCGPGRP = 0x540f;

    public static final int TIOCGPKT = 0x80045438;

    public static final int TIOCGPTLCK = 0x80045439;

    public static final int TIOCGPTN = 0x80045430;

    public static final int TIOCGPTPEER = 0x5441;

    public static final int TIOCGRS485 = 0x542e;

    public static final int TIOCGSERIAL = 0x541e;

    public static final int TIOCGSID = 0x5429;

    public static final int TIOCGSOFTCAR = 0x5419;

    public static final int TIOCGWINSZ = 0x5413;

    public static final int TIOCINQ = 0x541b;

    public static final int TIOCLINUX = 0x541c;

    public static final int TIOCM_LE = 1;
    public static final int TIOCM_DTR = 2;
    public static final int TIOCM_RTS = 4;
    public static final int TIOCM_ST = 8;
    public static final int TIOCM_SR = 0x10;
    public static final int TIOCM_CTS = 0x20;
    public static final int TIOCM_CAR = 0x40;
    public static final int TIOCM_CD = 0x40;
    public static final int TIOCM_RI = 0x80;
    public static final int TIOCM_RNG = 0x80;
    public static final int TIOCM_DSR = 0x100;

    public static final int TIOCMBIC = 0x5417;

    public static final int TIOCMBIS = 0x5416;

    public static final int TIOCMGET = 0x5415;

    public static final int TIOCMIWAIT = 0x545c;

    public static final int TIOCMSET = 0x5418;

    public static final int TIOCNOTTY = 0x5422;

    public static final int TIOCNXCL = 0x540d;

    public static final int TIOCOUTQ = 0x5411;

    public static final int TIOCPKT_DATA = 0;
    public static final int TIOCPKT_FLUSHREAD = 1;
    public static final int TIOCPKT_FLUSHWRITE = 2;
    public static final int TIOCPKT_STOP = 4;
    public static final int TIOCPKT_START = 8;
    public static final int TIOCPKT_NOSTOP = 0x10;
    public static final int TIOCPKT_DOSTOP = 0x20;
    public static final int TIOCPKT_IOCTL = 0x40;
    public static final int TIOCPKT = 0x5420;

    public static final int TIOCSBRK = 0x5427;

    public static final int TIOCSCTTY = 0x540e;

    public static final int TIOCSER_TEMT = 1;

    public static final int TIOCSERCONFIG = 0x5453;

    public static final int TIOCSERGETLSR = 0x5459;

    public static final int TIOCSERGETMULTI = 0x545a;

    public static final int TIOCSERGSTRUCT = 0x5458;

    public static final int TIOCSERGWILD = 0x5454;

    public static final int TIOCSERSETMULTI = 0x545b;

    public static final int TIOCSERSWILD = 0x5455;

    public static final int TIOCSETD = 0x5423;

    public static final int TIOCSIG = 0x40045436;

    public static final int TIOCSLCKTRMIOS = 0x5457;

    public static final int TIOCSPGRP = 0x5410;

    public static final int TIOCSPTLCK = 0x40045431;

    public static final int TIOCSRS485 = 0x542f;

    public static final int TIOCSSERIAL = 0x541f;

    public static final int TIOCSSOFTCAR = 0x541a;

    public static final int TIOCSTI = 0x5412;

    public static final int TIOCSWINSZ = 0x5414;

    public static final int TIOCVHANGUP = 0x5437;

    public static final int TOSTOP = 0x100;

    public static final int VDISCARD = 0xd;

    public static final int VEOF = 4;

    public static final int VEOL = 0xb;

    public static final int VEOL2 = 0x10;

    public static final int VERASE = 2;

    public static final int VINTR = 0;

    public static final int VKILL = 3;

    public static final int VLNEXT = 0xf;

    public static final int VMIN = 6;

    public static final int VQUIT = 1;

    public static final int VREPRINT = 0xc;

    public static final int VSTART = 8;

    public static final int VSTOP = 9;

    public static final int VSUSP = 0xa;

    public static final int VSWTC = 7;

    public static final int VT0 = 0;

    public static final int VT1 = 0x4000;

    public static final int VTDLY = 0x4000;

    public static final int VTIME = 5;

    public static final int VWERASE = 0xe;

    public static final int XCASE = 4;

    public static final int XTABS = 0x1800;

    private Ioctl() {}
}
