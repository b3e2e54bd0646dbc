package gvj.e2e.containerd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Cases that are run with {@link Handler#V3} and {@link Handler#SANDBOXER}, too: the others are if handlers are named. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface AllOfContainerd2 {}
