import { rsaKey, type ScriptedProvider } from '../../../support/scripted-provider.js'
import type { Ask, Protected } from '../../../support/protected-gateway.js'

/** One row of the outcome table (section 2.4): a configuration, a request, what the client gets. */
export interface Row {
  readonly name: string
  readonly config?: Readonly<Record<string, unknown>>
  readonly arrange?: (setup: Protected) => void
  readonly ask?: Ask | ((provider: ScriptedProvider) => Ask)
  readonly consumers?: readonly Readonly<Record<string, unknown>>[]
  readonly status: number
  readonly message?: string
  /** After `Bearer realm="…"`; null: no challenge at all. */
  readonly challenge?: string | null
  readonly reason?: string
}

export const stranger = rsaKey()
export const INVALID = ', error="invalid_token"'
export const INSUFFICIENT = ', error="insufficient_scope"'
export const bearer = { auth_methods: ['bearer'] }
export const introspection = { auth_methods: ['introspection'], client_id: ['demo'], client_secret: ['demo-secret'] }
export const claims =
  (overrides: Readonly<Record<string, unknown>>, header = {}) =>
  (provider: ScriptedProvider): Ask => ({ bearer: provider.token({ claims: overrides, header }) })
export const nowSeconds = () => Math.floor(Date.now() / 1000)
