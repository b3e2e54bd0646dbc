package gvj.e2e.containerd;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Cases that are run with these handlers, too, of those that only one containerd knows. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Also {
    Handler[] value();
}
