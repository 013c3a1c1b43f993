/* batch_groups_template.h - adds integers to the sums and extremes of their groups, in terms of a simd_*.h
 *
 * A group is one cache line, so the members that change together are neighbours: one addition of four words, and one
 * minimum of two.
 */

static void group_batch(struct csvr_group_sums *groups, const uint32_t *ids, const int64_t *values,
			size_t n_values)
{
	for (size_t i = 0; i < n_values; i++) {
		struct csvr_group_sums *group = &groups[ids[i]];
		add_number(group, values[i]);
		lower_both(&group->min, values[i]);
	}
}
