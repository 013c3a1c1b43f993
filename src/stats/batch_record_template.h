/* batch_record_template.h - the record of the functions of batch_templates.h, and of the powers */

#define TEXT_OF(name) #name
#define TEXT_OF_KERNEL(kernel) TEXT_OF(kernel)

extern const struct csvr_batch_kernels NAME_OF_KERNEL(csvr_batch_kernels, KERNEL);
const struct csvr_batch_kernels NAME_OF_KERNEL(csvr_batch_kernels, KERNEL) = {
	.name = TEXT_OF_KERNEL(KERNEL),
	.sum = sum_batch,
	.sum_powers = power_batch,
	.to_doubles = convert_batch,
	.to_hashes = hash_batch,
	.count_keys = count_batch,
	.find_places = place_batch,
	.number_prefixes = prefix_batch,
	.sum_products = multiply_batches,
	.order = order_batch,
	.add_to_groups = group_batch,
};
