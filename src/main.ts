#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { check } from './commands/check';
import { demo } from './commands/demo';
import { serve } from './commands/serve';
import { ConfigError } from './config/config';
import { loadConfig } from './config/load';
import { version } from './version';

const defaultFile = 'config/gateway.yaml';

async function main(argv: readonly string[]): Promise<number> {
  let run: () => Promise<number> | number = () => 0;
  const program = new Command('kpow-gateway')
    .description('One HTTPS address for kPow and its sibling tools.')
    .version(version())
    .addHelpText(
      'after',
      '\nserve and check take --config <file> behind their name; without it they read config/gateway.yaml.',
    )
    .showHelpAfterError('(see kpow-gateway --help)')
    .exitOverride();
  const withConfig = (command: Command) => command.option('-c, --config <file>', 'configuration file', defaultFile);
  withConfig(
    program.command('serve', { isDefault: true }).description('serve (the default)').allowExcessArguments(),
  ).action(({ config }: { config: string }, { args }: Command) => {
    if (args[0] !== undefined) program.error(`error: unknown command '${args[0]}'`);
    run = () => serve({ config: loadConfig(config), reload: () => loadConfig(config) });
  });
  withConfig(program.command('check').description('exit 0, or name every problem and exit 2')).action(
    ({ config }: { config: string }) => {
      run = () => check(config, (line) => process.stdout.write(`${line}\n`));
    },
  );
  program
    .command('demo')
    .description('serve with built-in stand-ins for kPow and two sibling tools')
    .option('--https-port <port>', 'HTTPS port', port, 8443)
    .option('--http-port <port>', 'HTTP port', port, 8080)
    .action((options: { httpsPort: number; httpPort: number }) => {
      run = () => demo(options);
    });
  try {
    await program.parseAsync(argv);
    return await run();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${error.file}: ${problem}\n`);
    return 2;
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535)
    throw new InvalidArgumentError('Write a port from 0 to 65535; 0 takes any free one.');
  return value;
}

main(process.argv).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The gateway failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(70);
  },
);
