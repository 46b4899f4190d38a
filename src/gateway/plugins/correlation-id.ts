import type { Plugin, PluginServices } from './plugin.js'

/** Validated by the fields of `correlation-id` in the kong room. */
interface CorrelationIdConfig {
  readonly header_name: string
  readonly generator: 'uuid' | 'uuid#counter' | 'tracker'
  readonly echo_downstream: boolean
}

/** Kong's `correlation-id`: an id that the client may choose and otherwise is made here; seen by the upstream, and by the client when echoed. */
export const correlationId: Plugin = {
  name: 'correlation-id',
  priority: 1,
  create({ config }, services) {
    const { header_name, generator, echo_downstream } = config as unknown as CorrelationIdConfig
    const next = createGenerator(generator, services)
    return {
      access({ request, upstream, downstream }) {
        const given = request.headers[header_name.toLowerCase()]
        const id = given === undefined || given === '' ? next() : given
        if (id !== given) upstream.set(header_name, id)
        if (echo_downstream) downstream.set(header_name, id)
        return undefined
      },
    }
  },
}

function createGenerator(generator: CorrelationIdConfig['generator'], services: PluginServices): () => string {
  let counter = 0
  const prefix = formatUuid(services.random(16))
  switch (generator) {
    case 'uuid':
      return () => formatUuid(services.random(16))
    case 'uuid#counter':
      return () => `${prefix}#${++counter}`
    case 'tracker':
      return () => `${process.pid}-${++counter}-${(services.now() / 1000).toFixed(3)}`
  }
}

/** Version 4, variant 1 (RFC 9562 §5.4). */
function formatUuid(octets: Buffer): string {
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80
  return octets.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
