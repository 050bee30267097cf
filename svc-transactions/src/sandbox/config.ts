import { loadConfig, logLevel, port } from '@malla/chassis/config';
import { z } from 'zod';

const shape = {
  SANDBOX_HOST: z.string().default('127.0.0.1'),
  SANDBOX_PORT: port.default(50_062),
  /** The file that holds everything the sandbox knows (SQLite). */
  SANDBOX_DATABASE_FILE: z.string().min(1),
  /** What callers show as `Authorization: Bearer …`. */
  SANDBOX_API_KEY: z.string().min(16),
  /** What notifications are signed with: 24 to 64 bytes in base64, with `whsec_` before it or without (Standard Webhooks). */
  SANDBOX_WEBHOOK_SECRET: z.string().min(32),
  /** Where notifications go. */
  SANDBOX_WEBHOOK_URL: z.url({ protocol: /^https?$/ }),
  LOG_LEVEL: logLevel,
};

/** Reads the sandbox's configuration. @throws ConfigError naming every bad variable. */
export function readSandboxConfig(env: NodeJS.ProcessEnv) {
  return loadConfig(shape, env);
}

export type SandboxConfig = ReturnType<typeof readSandboxConfig>;
