package gvj.e2e.containerd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Cases about what is different when the shim makes the pods: they are run with {@link Handler#SANDBOXER} unless handlers are named. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Sandboxer {}
