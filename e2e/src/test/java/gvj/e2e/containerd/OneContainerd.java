package gvj.e2e.containerd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Cases about what happens inside, whatever containerd there is: they are run with one version. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface OneContainerd {}
