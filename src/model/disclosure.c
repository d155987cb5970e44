#include "model/disclosure.h"

#include "lib/base/text.h"

static const char *const roles[] = {
#define ROLE(name, text) text,
#include "model/role.def"
#undef ROLE
};

static const char *const subjects[] = { "open", "control", "do_not_load", "question", "hold", "finding_high", "finding", "message" };
static const char *const levels[] = { "nothing", "block_only", "full" };

const char *role_name(enum role role)
{
	return roles[role];
}

bool role_find(const char *name, enum role *role_r)
{
	for (int i = 0; i < ROLES; i++)
		if (text_equal(roles[i], name)) {
			*role_r = (enum role)i;
			return true;
		}
	return false;
}

const char *subject_name(enum subject subject)
{
	return subjects[subject];
}

/* Security and the declarant's side (broker) know all, the terminal's system knows that it must hold, others nothing. */
void disclosure_default(struct disclosure_matrix *matrix)
{
	for (int s = 0; s < SUBJECTS; s++)
		for (int r = 0; r < ROLES; r++) {
			enum disclosure *cell = &matrix->cell[s][r];
			bool knows = r == ROLE_SECURITY || r == ROLE_BROKER || r == ROLE_OFFICER || r == ROLE_AUDITOR || r == ROLE_ADMIN;
			if (r == ROLE_PROVIDER)
				*cell = DISCLOSE_NOTHING;
			else if (knows || s == SUBJECT_OPEN || s == SUBJECT_FINDING)
				*cell = DISCLOSE_FULL;
			else if (s == SUBJECT_MESSAGE)
				*cell = DISCLOSE_NOTHING;
			else
				*cell = r == ROLE_TERMINAL ? DISCLOSE_BLOCK_ONLY : DISCLOSE_NOTHING;
		}
}

static void row_load(const struct config_node *row, enum disclosure cells[static ROLES], struct config_problems *problems)
{
	for (const struct config_node *cell = row->inside; cell; cell = cell->next) {
		enum role role;
		int level = 0;
		while (level < 3 && !text_equal(levels[level], cell->text))
			level++;
		if (!role_find(cell->name, &role))
			config_problem(problems, cell, "there is no role \"%s\"", cell->name);
		else if (level == 3)
			config_problem(problems, cell, "\"%s\": full, block_only or nothing is wanted", cell->name);
		else
			cells[role] = (enum disclosure)level;
	}
}

void disclosure_load(const struct config_node *root, struct disclosure_matrix *matrix, struct config_problems *problems)
{
	const struct config_node *group = config_find(root, "disclosure");
	disclosure_default(matrix);
	for (const struct config_node *row = group ? group->inside : NULL; row; row = row->next) {
		int s = 0;
		while (s < SUBJECTS && !text_equal(subjects[s], row->name))
			s++;
		if (s == SUBJECTS)
			config_problem(problems, row, "disclosure knows no \"%s\"; known are control, do_not_load, question, hold, finding_high, finding, message, open",
			               row->name);
		else
			row_load(row, matrix->cell[s], problems);
	}
}

enum disclosure disclosure_of(const struct disclosure_matrix *matrix, unsigned held, enum subject subject)
{
	enum disclosure most = DISCLOSE_NOTHING;
	for (int r = 0; r < ROLES; r++)
		if (held & (1u << r) && matrix->cell[subject][r] > most)
			most = matrix->cell[subject][r];
	return most;
}

enum subject subject_of_notice(const char *kind, const char *disclosure)
{
	if (text_equal(kind, "control"))
		return SUBJECT_CONTROL;
	if (text_equal(kind, "do_not_load"))
		return SUBJECT_DO_NOT_LOAD;
	if (text_equal(kind, "question") || text_equal(kind, "documents_requested"))
		return SUBJECT_QUESTION;
	if (text_equal(kind, "hold") || text_equal(kind, "manual_handling"))
		return SUBJECT_HOLD;
	return text_equal(disclosure, "open") ? SUBJECT_OPEN : SUBJECT_CONTROL;
}
