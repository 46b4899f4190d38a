import { readFileSync } from 'node:fs'

/** What the gateway calls itself in `Server` and `Via`. It never claims to be Kong. */
export const SERVER_NAME = `oidcgw-gateway/${readVersion()}`

/** `Via` of both directions (RFC 9110 §7.6.3). */
export const VIA = `1.1 ${SERVER_NAME}`

function readVersion(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string }
      if (name === 'oidcgw' && version) return version
    } catch {
      continue
    }
  }
  return '0'
}
