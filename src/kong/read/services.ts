import type { Service } from '../entities.js'
import type { Found } from './collect.js'
import { asList, asText, type Reading } from './reading.js'

/** Services whose protocol the local gateway can speak. The others are told, and their routes are left out with them. */
export function readServices(reading: Reading, ids: Map<Found, string>): readonly Service[] {
  const services: Service[] = []
  for (const found of reading.collected.entities.services) {
    const fields = { ...reading.read(found), ...expandUrl(found, reading) }
    const name = asText(fields['name'])
    const host = asText(fields['host'])
    const id = reading.register(found, name ?? JSON.stringify([fields['host'], fields['port'], fields['path']]), name)
    ids.set(found, id)
    const tell = (member: string | undefined, message: string, advice?: string) =>
      reading.report.add(found.place, member === undefined ? [] : [member], { id: 'invalid-service', severity: 'error', message, advice })
    if (host === undefined) {
      if (found.value['url'] === undefined) tell(undefined, 'a service needs a host or a url', 'write url: http://127.0.0.1:9080')
      continue
    }
    const path = asText(fields['path'])
    if (path !== undefined && !path.startsWith('/')) tell('path', `path "${path}" does not begin with /`)
    const protocol = fields['protocol']
    if (protocol !== 'http' && protocol !== 'https') {
      reading.report.add(found.place, ['protocol'], {
        id: 'not-imitated',
        severity: 'warning',
        message: `services that speak ${String(protocol)} are not imitated; this one and its routes are left out`,
      })
      continue
    }
    services.push({
      id,
      tags: [...asList(fields['tags']), ...reading.collected.selectTags],
      name,
      protocol,
      host,
      port: fields['port'] as number,
      path,
      retries: fields['retries'] as number,
      connect_timeout: fields['connect_timeout'] as number,
      write_timeout: fields['write_timeout'] as number,
      read_timeout: fields['read_timeout'] as number,
      enabled: fields['enabled'] as boolean,
      tls_verify: (fields['tls_verify'] as boolean | null) ?? undefined,
    })
  }
  return services
}

/** `url` is sugar: protocol, host, port (80, or 443 for https) and path at once. */
function expandUrl({ value, place }: Found, { report }: Reading): Readonly<Record<string, unknown>> {
  const given = value['url']
  if (typeof given !== 'string') return {}
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || url.hostname === '' || !/^[a-z_]+:\/\//i.test(given)) {
    report.add(place, ['url'], {
      id: 'invalid-service',
      severity: 'error',
      message: `"${given}" is no URL of a service`,
      advice: 'write it as http://host:port/path',
    })
    return {}
  }
  const protocol = url.protocol.slice(0, -1)
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (protocol === 'https' || protocol === 'grpcs' ? 443 : 80) : Number(url.port),
    path: url.pathname === '/' && !given.endsWith('/') ? null : url.pathname,
  }
}
