/**
 * Watches an app: its modules, and the links that lead to it and to the directory beside
 * it. Must not know what happens then.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { watchLinks } from "./link_watch.ts";
import { watchModules } from "./module_watch.ts";

/** What is watched, and who hears of it. */
export interface WatchedApp {
  /** A URL. */
  readonly app: string;
  /** A path, or `null`. */
  readonly root: string | null;
  readonly onChange: () => void;
  readonly onFailure: (error: unknown) => void;
}

/** Watches until the process ends. */
export function watchApp(
  { app, root, onChange, onFailure }: WatchedApp,
): void {
  try {
    const path = fromFileUrl(app);
    const watch = () => {
      const watched = watchModules(Deno.realPathSync(path), onChange);
      watched.ended.catch(onFailure);
      return watched;
    };
    let watched = watch();
    watchLinks(root === null ? [path] : [path, root], () => {
      watched[Symbol.dispose]();
      watched = watch();
      onChange();
    });
  } catch (error) {
    onFailure(error);
  }
}
