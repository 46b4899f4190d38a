import type { KongConfig, Plugin } from '../entities.js'
import type { OpenIdConnectConfig } from '../openid-connect/config.js'

/** A document that could be read, as the rules see it. */
export interface Scene {
  readonly config: KongConfig
  /** Version whose defaults hold, when one was named. */
  readonly kongVersion: string | undefined
  /** Whether a member was written, however deep; a default was not. */
  readonly isGiven: (entity: { readonly id: string }, ...trail: readonly PropertyKey[]) => boolean
  /** Whether a text came from the environment or a vault, whole or in its essential part. */
  readonly isFromEnvironment: (text: string) => boolean
}

/** What a rule found in one plugin: the field it is about and what disagrees. */
export interface Spot {
  readonly at: readonly PropertyKey[]
  readonly message: string
}

interface Rule {
  readonly id: string
  readonly severity: 'warning' | 'info'
  /** What to do, one line. */
  readonly advice: string
  /** It is about a protection that is switched off: `gateway run` says so at every start (G-154, G-180). */
  readonly isDanger?: true
}

/** Looks at one enabled `openid-connect` plugin; `at` begins at its configuration. */
export interface PluginRule extends Rule {
  readonly find: (config: OpenIdConnectConfig, scene: Scene, plugin: Plugin) => Spot | readonly Spot[] | undefined
}

/** Looks at the whole document; `at` begins at the entity. */
export interface DocumentRule extends Rule {
  readonly find: (scene: Scene) => Iterable<Spot & { readonly entity: { readonly id: string } }>
}

/** A spot at one field, when something holds. */
export const spotIf = (holds: boolean, field: keyof OpenIdConnectConfig | readonly PropertyKey[], message: string): Spot | undefined =>
  holds ? { at: typeof field === 'string' ? [field] : (field as readonly PropertyKey[]), message } : undefined

export const openIdConnectPlugins = ({ config }: Pick<Scene, 'config'>): readonly Plugin[] =>
  config.plugins.filter(({ name, enabled }) => name === 'openid-connect' && enabled)

export const configOf = (plugin: Plugin): OpenIdConnectConfig => plugin.config as unknown as OpenIdConnectConfig

export const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\])$/i.test(host)

export function urlOf(text: string | null): URL | undefined {
  return text !== null && URL.canParse(text) ? new URL(text) : undefined
}
