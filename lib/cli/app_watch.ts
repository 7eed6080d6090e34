/**
 * Watches an app: its modules, and the links that lead to it and to the directory beside
 * it. Must not know how an app is loaded.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { watchLinks } from "./link_watch.ts";
import { watchModules } from "./module_watch.ts";
import { isMendable } from "./startup_errors.ts";

/** What is watched, and who hears where that fails. */
export interface WatchedApp {
  /** A URL. */
  readonly app: string;
  /** A path, or `null`. */
  readonly root: string | null;
  readonly onFailure: (error: unknown) => void;
}

/** Changes of an app; watched from the first listener on, until the process ends. */
export class AppChanges {
  readonly #watched: WatchedApp;
  #onChange: (() => void) | null = null;

  constructor(watched: WatchedApp) {
    this.#watched = watched;
  }

  /** Takes the place of the listener before. */
  listen(onChange: () => void): void {
    const isFirst = this.#onChange === null;
    this.#onChange = onChange;
    if (isFirst) watchApp(this.#watched, () => this.#onChange?.());
  }

  /**
   * Loads an app, and where that fails again whenever it changes.
   *
   * @param onWait receives why it is waited for a change
   * @throws what no change of the app mends
   */
  async onceItLoads<T>(
    load: () => Promise<T>,
    onWait: (error: Error) => void,
  ): Promise<T> {
    for (;;) {
      try {
        return await load();
      } catch (error) {
        if (!isMendable(error)) throw error;
        const changed = Promise.withResolvers<void>();
        this.listen(changed.resolve);
        onWait(error as Error);
        await changed.promise;
      }
    }
  }
}

function watchApp(
  { app, root, onFailure }: WatchedApp,
  onChange: () => void,
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
