import { onTestFinished } from 'vitest'
import type { Plugin } from '../../src/gateway/plugins/plugin.js'
import { startEcho } from '../../src/lab/echo.js'
import { serve, type DocumentParts } from './documents.js'

/** Says who asks, as an authenticating plugin would. */
interface Identity {
  readonly consumer?: string
  readonly credential?: boolean
  readonly authenticated?: readonly string[]
  readonly refuse?: boolean
}
const identify: Plugin = {
  name: 'identify',
  priority: 1_050,
  create({ config }) {
    const { consumer, credential, authenticated, refuse } = config as Identity
    return {
      managedHeaders: ['x-injected'],
      access(exchange) {
        if (refuse) return { status: 401, body: '{"message":"Unauthorized"}', reason: 'no_credential' }
        exchange.consumer = exchange.config.consumers.find(({ username }) => username === consumer)
        exchange.credential = credential ? { id: 'sub' } : undefined
        exchange.authenticatedGroups = authenticated
        exchange.upstream.set('X-Injected', 'inside')
        return undefined
      },
    }
  },
}

export async function start(parts: Pick<DocumentParts, 'plugins' | 'consumers' | 'consumer_groups'> & { readonly path?: string }) {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  const { path = '/', ...more } = parts
  const gateway = await serve(
    { services: [{ url: echo.url }], routes: [{ paths: [path], strip_path: false }], ...more },
    { plugins: { identify } },
  )
  const get = async (target = '/get', init: RequestInit = {}) => fetch(gateway.url + target, init)
  return { echo, gateway, get, seen: () => echo.received[0]?.headers ?? {} }
}
