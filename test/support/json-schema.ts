import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
const compiled = new Map<string, ValidateFunction>()

/** What a published document has against its own schema; empty when it is as promised. */
export function schemaProblems(document: unknown): string[] {
  const name = /^oidcgw\/([a-z-]+)\/v1$/.exec(String((document as { schema?: unknown }).schema))?.[1]
  if (!name) return ['it names no schema of ours']
  let validate = compiled.get(name)
  if (!validate)
    compiled.set(
      name,
      (validate = ajv.compile(JSON.parse(readFileSync(new URL(`../../schemas/${name}.v1.json`, import.meta.url), 'utf8')) as object)),
    )
  validate(document)
  return (validate.errors ?? []).map(({ instancePath, message }) => `${name}${instancePath}: ${message}`)
}
