import type { OidcContext } from './types.js'

/** State that belongs to one plugin instance: made on first use, gone with its context. */
export function perInstance<State>(create: (context: OidcContext) => State): (context: OidcContext) => State {
  const states = new WeakMap<OidcContext, State>()
  return (context) => {
    let state = states.get(context)
    if (state === undefined) states.set(context, (state = create(context)))
    return state
  }
}
