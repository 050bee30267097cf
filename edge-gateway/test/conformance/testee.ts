#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { serve } from './protocol.ts';
import { createTranslate } from './translation.ts';

/** The program under test: reads requests of Google's runner from standard input and answers them on standard output. */
const [descriptorSet = ''] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptorSet)));
await serve(registry, await createTranslate(registry));
