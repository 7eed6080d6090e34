/**
 * What a browser is shown while the app that is being written does not load: the error,
 * instead of a page that the old workers would still make. Must not know how an app is
 * loaded.
 *
 * @module
 */

import { errorResponse } from "../http/error.ts";
import { type Dispatch, wireResponseOf } from "../http/exchange.ts";
import { fieldList } from "../http/message.ts";
import { preferredForm } from "../http/negotiate.ts";
import type { Reloaded } from "../pool/boot_error.ts";
import type { Responder } from "./entrance.ts";

/** The error of the last reload, if that has failed. */
export class FailedReload {
  #why: string | null = null;

  /** Takes how a reload has ended. */
  take(reloaded: Reloaded): void {
    this.#why = reloaded.kind === "kept" ? reloaded.why : null;
  }

  /** Shows it to all who want a page; programs go on with the old workers. */
  before(responder: Responder): Responder {
    const dispatch: Dispatch = (request) => {
      const why = this.#why;
      const { head } = request;
      return why === null ||
          preferredForm(fieldList(head.fields, "accept")) !== "page"
        ? responder.dispatch(request)
        : {
          response: wireResponseOf(failure(why), head),
          worker: null,
          abandon() {},
          handedOver() {},
        };
    };
    return { ...responder, dispatch };
  }
}

function failure(why: string) {
  const text = "The app cannot be reloaded.";
  return errorResponse(500, text, [], { trace: why });
}
