import type { Command } from 'commander'
import type { Start } from '../program.js'

export function define(_program: Command, _start: Start): void {}
