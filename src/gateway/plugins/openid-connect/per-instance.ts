import type { OidcContext } from './types.js'

/** State that belongs to one plugin instance: made on first use, a field of its context that only its maker can read. */
export function perInstance<State>(create: (context: OidcContext) => State): (context: OidcContext) => State {
  const key = Symbol('state of an instance')
  return (context) => (context[key] ??= create(context)) as State
}
