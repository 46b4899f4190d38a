import type { Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

/** Tokens as values: everything here but `verify` works without the network. */
export function define(program: Command, start: Start): void {
  const decode = program
    .command('decode')
    .description('Read a token: header, claims, dates. Verifies nothing and asks nobody.')
    .argument('[token]', 'a token, "Bearer …", a header line, a JSON token response; @FILE or a path; - or nothing reads stdin')
  addSharedOptions(decode, 'output')
  decode.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/decode.js')).decode(token, options, context)),
  )
}
