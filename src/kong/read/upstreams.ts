import type { Certificate, Target, Upstream } from '../entities.js'
import { isRecord } from '../fields/read-record.js'
import type { Found } from './collect.js'
import { asList, asText, parentId, type Reading } from './reading.js'

const DEFAULT_TARGET_PORT = 8000

export function readUpstreams(reading: Reading, ids: Map<Found, string>): readonly Upstream[] {
  const upstreams = reading.collected.entities.upstreams.map((found) => {
    const fields = reading.read(found)
    const name = asText(fields['name'])
    if (name === undefined) missing(reading, found, 'name')
    const id = reading.register(found, name ?? '', name)
    ids.set(found, id)
    const algorithm = fields['algorithm'] as string
    if (algorithm !== 'round-robin') {
      const message = `${algorithm} is not imitated: targets are taken in turn`
      reading.report.add(found.place, ['algorithm'], { id: 'not-imitated', severity: 'info', message })
    }
    tellHealthChecks(found, reading)
    return { id, tags: [...asList(fields['tags']), ...reading.collected.selectTags], name: name ?? '', algorithm }
  })
  const targets = readTargets(reading, ids)
  return upstreams.map((upstream) => ({ ...upstream, targets: targets.get(upstream.id) ?? [] }))
}

/** Numbers that switch a kind of health check on; all are 0 by default. */
const HEALTH_CHECKS = {
  active: [
    ['healthy', 'interval'],
    ['unhealthy', 'interval'],
  ],
  passive: [
    ['unhealthy', 'tcp_failures'],
    ['unhealthy', 'timeouts'],
    ['unhealthy', 'http_failures'],
  ],
} as const

function tellHealthChecks({ value, place }: Found, { report }: Reading): void {
  const memberOf = (holder: unknown, name: string): unknown => (isRecord(holder) ? holder[name] : undefined)
  for (const [kind, switches] of Object.entries(HEALTH_CHECKS)) {
    const checks = memberOf(value['healthchecks'], kind)
    if (!switches.some(([state, name]) => Number(memberOf(memberOf(checks, state), name) ?? 0) > 0)) continue
    const message = `${kind} health checks are not imitated: a target that refuses a connection is passed over for ten seconds, and that is all`
    report.add(place, ['healthchecks', kind], { id: 'not-imitated', severity: 'info', message })
  }
}

function readTargets(reading: Reading, ids: ReadonlyMap<Found, string>): ReadonlyMap<string, readonly Target[]> {
  const byUpstream = new Map<string, Target[]>()
  for (const found of reading.collected.entities.targets) {
    const fields = reading.read(found)
    const target = asText(fields['target'])
    const upstream = parentId(found, 'upstreams', ids) ?? reading.refer(found, 'upstream', 'upstreams')
    if (target === undefined) missing(reading, found, 'target')
    if (target === undefined || upstream === undefined) continue
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(target) ?? []
    const host = bracketed ?? plain
    if (host === undefined || Number(port ?? 0) > 65_535) {
      reading.report.add(found.place, ['target'], {
        id: 'invalid-value',
        severity: 'error',
        message: `"${target}" is no target`,
        advice: 'write it as host:port',
      })
      continue
    }
    const read: Target = { target, host, port: port === undefined ? DEFAULT_TARGET_PORT : Number(port), weight: fields['weight'] as number }
    byUpstream.set(upstream, [...(byUpstream.get(upstream) ?? []), read])
  }
  return byUpstream
}

export function readCertificates(reading: Reading, ids: Map<Found, string>): readonly Certificate[] {
  const certificates = reading.collected.entities.certificates.map((found) => {
    const fields = reading.read(found)
    for (const member of ['cert', 'key']) if (asText(found.value[member]) === undefined) missing(reading, found, member)
    const cert = asText(fields['cert']) ?? ''
    const id = reading.register(found, cert)
    ids.set(found, id)
    const tags = [...asList(fields['tags']), ...reading.collected.selectTags]
    return { id, tags, cert, key: asText(fields['key']) ?? '', nested: nestedNames(found) }
  })
  const bySni = new Map<string, string[]>()
  for (const found of reading.collected.entities.snis) {
    if (!isRecord(found.value)) continue
    const name = asText(reading.read(found)['name'])
    const certificate = parentId(found, 'certificates', ids) ?? reading.refer(found, 'certificate', 'certificates')
    if (name === undefined) missing(reading, found, 'name')
    else if (certificate !== undefined) bySni.set(certificate, [...(bySni.get(certificate) ?? []), name])
  }
  return certificates.map(({ nested, ...certificate }) => ({ ...certificate, snis: [...nested, ...(bySni.get(certificate.id) ?? [])] }))
}

/** Kong also takes the names of a certificate as bare strings. */
const nestedNames = ({ value }: Found): readonly string[] =>
  Array.isArray(value['snis']) ? value['snis'].filter((entry): entry is string => typeof entry === 'string') : []

function missing({ report }: Reading, { place }: Found, member: string): void {
  report.add(place, [], { id: 'required-field', severity: 'error', message: `required field missing: ${member}` })
}
