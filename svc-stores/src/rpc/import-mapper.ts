import {
  type Import as ImportMessage,
  ImportOutcome as OutcomeMessage,
  type ImportRow as RowMessage,
} from '@malla/proto/malla/stores/v1/imports_service';
import type { Import, ImportRow } from '../domain/import.ts';

const OUTCOMES = {
  created: OutcomeMessage.CREATED,
  updated: OutcomeMessage.UPDATED,
  failed: OutcomeMessage.FAILED,
} as const;

export function toImportMessage(progress: Import): ImportMessage {
  return { ...progress };
}

export function toImportRowMessage(row: ImportRow): RowMessage {
  return { ...row, outcome: OUTCOMES[row.outcome] };
}
