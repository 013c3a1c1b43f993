/* settings.c - the defaults of all options */
#include "csvreport.h"

static const char *const default_nulls[] = { "NA", "N/A", "NULL", "null", "None" };

void csvr_settings_init(struct csvr_settings *settings)
{
	*settings = (struct csvr_settings){
		.walk = { .max_depth = -1 },
		.parse = { .delimiter = CSVR_AUTO,
			   .quote = '"',
			   .comment = CSVR_NONE,
			   .decimal = CSVR_AUTO,
			   .escape = CSVR_AUTO,
			   .header_rows = 1,
			   .tables = CSVR_TABLES_DEFAULT,
			   .skip_after_header = CSVR_AUTO,
			   .null_values = { default_nulls,
					    sizeof default_nulls / sizeof default_nulls[0] } },
		.report = { .round_digits = -1, .width = 80 },
		.shard = { 1, 1 },
	};
}
