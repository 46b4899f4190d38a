import { setTimeout as sleep } from 'node:timers/promises'
import { OidcgwError } from '../../errors.js'
import type { Host } from '../../host.js'
import type { SharedOptions } from '../context.js'

const INTERVAL_MS = 100

/**
 * Waits until `GET /status` of the Admin API names this configuration hash: right after publishing, a data plane still serves the old one.
 * @throws {OidcgwError} `ERR_NETWORK_TIMEOUT` when it does not within `--timeout` (default 30 s).
 */
export async function waitForConfig(hash: string, options: SharedOptions & { readonly admin?: string }, host: Host): Promise<void> {
  if (!options.admin) {
    throw new OidcgwError('ERR_USAGE', '--wait-config needs the Admin API', { hint: 'Pass --admin URL or set OIDCGW_ADMIN_URL' })
  }
  if (!URL.canParse(options.admin)) throw new OidcgwError('ERR_USAGE', `--admin: "${options.admin}" is no URL`)
  const url = new URL('status', options.admin.endsWith('/') ? options.admin : `${options.admin}/`)
  const timeoutMs = options.timeout ?? 30_000
  const deadline = performance.now() + timeoutMs
  let seen = 'nothing'
  while (performance.now() < deadline) {
    const answer = await host
      .request({ method: 'GET', url, signal: host.signal, timeoutMs: Math.max(1, Math.ceil(deadline - performance.now())) })
      .catch((error: unknown) => {
        if (error instanceof OidcgwError && error.code !== 'ERR_ABORTED') return undefined
        throw error
      })
    seen = answer ? readHash(answer.body) : 'no answer'
    if (seen === hash) return
    await sleep(INTERVAL_MS, undefined, { signal: host.signal }).catch((cause: unknown) => {
      throw new OidcgwError('ERR_ABORTED', 'interrupted', { cause })
    })
  }
  throw new OidcgwError('ERR_NETWORK_TIMEOUT', `${url.href}: configuration_hash: expected ${hash}, got ${seen} after ${timeoutMs} ms`, {
    hint: 'Was the configuration published, and to this gateway?',
  })
}

function readHash(body: Buffer): string {
  try {
    const { configuration_hash: hash } = JSON.parse(body.toString('utf8')) as { configuration_hash?: unknown }
    return typeof hash === 'string' ? hash : 'no configuration_hash'
  } catch {
    return 'no JSON'
  }
}
