import assert from 'node:assert/strict';
import { DomainError } from '../../src/lib/errors.ts';
import { expandMask, type MaskRules, maskedValues } from '../../src/validation/field-mask.ts';

interface Fields {
  readonly name: string;
  readonly tagList: readonly string[];
  readonly open: boolean | undefined;
}

const RULES: MaskRules<Fields> = {
  fields: { name: 'name', tag_list: 'tagList', open: 'open' },
  outputOnly: new Set(['create_time']),
  immutable: new Set(['slug']),
};
const NOTHING: Fields = { name: '', tagList: [], open: undefined };

describe('A field mask', () => {
  it('that is empty stands for every field with a value', () => {
    assert.deepEqual(expandMask([], NOTHING, RULES), []);
    assert.deepEqual(expandMask([], { ...NOTHING, name: 'x', open: false }, RULES), ['name', 'open']);
  });

  it('stands for all fields as *, and for those that it names, without those that are only read', () => {
    assert.deepEqual(expandMask(['*'], NOTHING, RULES), ['name', 'tag_list', 'open']);
    assert.deepEqual(expandMask(['tag_list', 'create_time', 'slug'], NOTHING, RULES), ['tag_list', 'slug']);
    assert.deepEqual(maskedValues(['tag_list', 'slug'], { ...NOTHING, tagList: ['a'] }, RULES), { tagList: ['a'] });
  });

  it('that names what is no field is refused, also beside *', () => {
    for (const mask of [
      ['name', 'nope'],
      ['*', 'nope'],
    ]) {
      assert.throws(
        () => expandMask(mask, NOTHING, RULES),
        ({ reason, details }: DomainError) => {
          assert.equal(reason, 'UPDATE_MASK_INVALID');
          const [fault, ...others] = details.fields ?? [];
          assert.deepEqual(others, []);
          assert.deepEqual([fault?.field, fault?.reason], ['update_mask', 'FIELD_UNKNOWN']);
          return true;
        },
      );
    }
  });

  it('knows no field that every object has', () => {
    assert.throws(() => expandMask(['constructor'], NOTHING, RULES), DomainError);
  });
});
