import type { OpenIdConnectConfig } from '../../../../kong/openid-connect/config.js'
import type { ProviderTransport } from '../../../provider/transport.js'
import type { Exchange, PluginServices } from '../../plugin.js'
import { createPendingLogins } from '../code-flow/pending-logins.js'
import type { SessionManager } from '../types.js'
import { authorizationAttributes, requestBinding, sessionAttributes } from './attributes.js'
import { createCookieStore } from './cookie-store.js'
import { createJar, type JarSettings } from './jar.js'
import { createManager } from './manager.js'
import { createMemoryStore, type MemoryStore } from './memory-store.js'
import { createRedisStore } from './redis-store.js'
import { createSealer } from './seal.js'
import type { SessionStore } from './store.js'
import type { Timeouts } from './timeouts.js'

type Storage = OpenIdConnectConfig['session_storage'] | 'memory'

/** Where sessions may live. Memcached is not imitated: this process stands in, and says so. */
const STORES = {
  cookie: (_config, services) => createCookieStore(services),
  memory: (_config, services) => sharedMemory(services),
  redis: (config, services) => createRedisStore(config.redis, services),
  memcached: (_config, services) => standIn(services),
  memcache: (_config, services) => standIn(services),
} satisfies Record<Storage, (config: OpenIdConnectConfig, services: PluginServices) => SessionStore>

/** Shorter secrets can be guessed from one cookie. Bytes. */
const SHORT_SECRET = 16

/**
 * Sessions of one plugin instance. Without `session_secret` a random one is made, and one line says what that means.
 * `services.sessionStore: 'memory'` keeps sessions in the process whatever `session_storage` says.
 */
export function createSessionManager(config: OpenIdConnectConfig, services: PluginServices): SessionManager {
  const sealer = createSealer(sessionSecret(config, services), services.random)
  const storage: Storage = services.sessionStore ?? config.session_storage
  const store = STORES[storage](config, services)
  const now = () => services.now()
  const timeouts: Timeouts = {
    idling: config.session_idling_timeout,
    rolling: config.session_rolling_timeout,
    absolute: config.session_absolute_timeout,
  }
  const shared = { sealer, random: services.random, hashStorageKey: config.session_hash_storage_key }
  const session: JarSettings = {
    ...shared,
    purpose: 'session',
    name: config.session_cookie_name,
    attributes: (exchange) => sessionAttributes(config, exchange),
    binding: (exchange: Exchange) => requestBinding(config, exchange),
    timeouts,
    store,
  }
  const remember: JarSettings = {
    ...session,
    purpose: 'remember',
    name: config.session_remember_cookie_name,
    timeouts: { idling: 0, rolling: config.session_remember_rolling_timeout, absolute: config.session_remember_absolute_timeout },
    persistSeconds: config.session_remember_rolling_timeout || config.session_remember_absolute_timeout,
  }
  const authorization: JarSettings = {
    ...shared,
    purpose: 'authorization',
    name: config.authorization_cookie_name,
    attributes: (exchange) => authorizationAttributes(config, exchange),
    timeouts: { idling: 0, rolling: config.authorization_rolling_timeout, absolute: 0 },
    store: createCookieStore({ now }),
  }
  return createManager({
    config,
    jar: createJar(session),
    rememberJar: config.session_remember ? createJar(remember) : undefined,
    store,
    logins: createPendingLogins(createJar(authorization), store, config.authorization_rolling_timeout),
    timeouts,
    now,
  })
}

function sessionSecret(
  { session_secret: secret, session_cookie_name: name }: OpenIdConnectConfig,
  services: PluginServices,
): string | Buffer {
  if (secret === null || secret === '') {
    services.log('warn', `[openid-connect] session_secret is not set: a random one is used, so ${name} cookies end with this process`)
    return services.random(32)
  }
  if (Buffer.byteLength(secret) < SHORT_SECRET) {
    services.log('warn', `[openid-connect] session_secret has only ${Buffer.byteLength(secret)} bytes; use 32 random ones`)
  }
  return secret
}

const memories = new WeakMap<ProviderTransport, MemoryStore>()

/** One memory for all instances of a gateway: a session outlives the publication of a new document. */
function sharedMemory(services: PluginServices): MemoryStore {
  let memory = memories.get(services.provider)
  if (!memory) memories.set(services.provider, (memory = createMemoryStore({ now: () => services.now() })))
  return memory
}

function standIn(services: PluginServices): MemoryStore {
  services.log('warn', '[openid-connect] session_storage: memcached is not imitated; sessions live in the memory of this process')
  return sharedMemory(services)
}
