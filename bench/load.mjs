// Loads a document with 2,000 protected routes and compares with what the yaml library alone needs for the same text.
// Usage: node bench/load.mjs [routes] [rounds]; exits 1 above the ratio we promise.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { parse } from 'yaml'

const LIMIT = 1.5
const [routes = 2000, rounds = 7] = process.argv.slice(2).map(Number)
const root = fileURLToPath(new URL('..', import.meta.url))

const route = (index) => `      - name: route-${index}
        paths: ["/orders-${index}"]
        methods: [GET, POST]
        plugins:
          - name: openid-connect
            config:
              issuer: https://idp.example/oauth2/default
              client_id: [demo-${index}]
              client_secret: [secret-${index}]
              auth_methods: [bearer]
              scopes_required: ["orders.read"]
              upstream_headers_claims: [sub]
              upstream_headers_names: [X-User]
`
const services = Array.from({ length: Math.ceil(routes / 20) }, (_, service) => {
  const own = Array.from({ length: Math.min(20, routes - service * 20) }, (_unused, index) => route(service * 20 + index)).join('')
  return `  - name: service-${service}\n    url: http://127.0.0.1:9080/s${service}\n    routes:\n${own}`
})
const text = `_format_version: "3.0"\nservices:\n${services.join('')}`

const folder = mkdtempSync(join(root, 'node_modules', '.bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const outfile = join(folder, 'document.mjs')
await build({
  absWorkingDir: root,
  entryPoints: ['src/kong/document.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  outfile,
  logLevel: 'error',
})
const { loadKongDocument } = await import(pathToFileURL(outfile).href)

// Each begins with an empty heap: else one pays for the other's garbage, and the ratio says which of them was first.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')
const timed = (work) => {
  collectGarbage()
  const start = performance.now()
  work()
  return performance.now() - start
}
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
const alone = []
const whole = []
for (let round = 0; round < rounds + 2; round++) {
  const a = timed(() => parse(text))
  const b = timed(() => {
    const { config, issues } = loadKongDocument([{ file: 'bench.yaml', text }], { env: {} })
    if (config?.routes.length !== routes) throw new Error(`not loaded: ${JSON.stringify(issues[0])}`)
  })
  // the first two rounds warm the compiler up
  if (round > 1) alone.push(a) && whole.push(b)
}
const ratio = median(whole.map((value, index) => value / alone[index]))
const report = {
  routes,
  bytes: text.length,
  yamlMs: Math.round(median(alone)),
  loadMs: Math.round(median(whole)),
  ratio: Number(ratio.toFixed(2)),
  limit: LIMIT,
}
process.stdout.write(`${JSON.stringify(report)}\n`)
process.exitCode = ratio <= LIMIT ? 0 : 1
