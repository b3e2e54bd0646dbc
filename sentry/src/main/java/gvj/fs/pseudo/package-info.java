/** File systems that the Sentry makes up: directories and files whose content is generated. Base of proc, sysfs, devpts. */
package gvj.fs.pseudo;
